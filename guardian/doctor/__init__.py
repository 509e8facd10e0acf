"""What is wrong with how Guardian is set up, and how to mend it: facts are gathered, then judged."""
