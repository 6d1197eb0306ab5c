"""What a backbone learns before there is anything to detect: to tell apart what whole images show."""
