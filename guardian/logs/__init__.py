"""Reading (and later rotating) the log files of watched programs."""
