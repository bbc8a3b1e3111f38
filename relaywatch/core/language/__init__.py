"""What words are: the tables of phrases, and how a text is compared with them."""
