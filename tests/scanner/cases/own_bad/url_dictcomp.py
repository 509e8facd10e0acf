# expect: url-literal | dictcomp
{k:"http://evil.example" for k in "a"}
