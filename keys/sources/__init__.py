"""Where certificates are looked for; one file each."""
