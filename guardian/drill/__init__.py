"""Drills: break something on purpose, and measure how Guardian takes it. They bring what they break, unless told."""
