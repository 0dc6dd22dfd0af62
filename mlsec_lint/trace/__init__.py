"""Facts that need more than one thing: what holds weights, where it lies, who reads it, what it reaches."""
