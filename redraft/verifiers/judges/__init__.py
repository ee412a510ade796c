"""Language models as judges, one file each. Their signal is `self`: an opinion, however sure it sounds."""
