"""What judges a draft, or a revision against the draft before it. Each declares its signal."""
