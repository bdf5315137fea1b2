"""Take in returned files and read them: mailbox, pages, located pages, readings, decision."""
