"""Contacts from a file of officers: `reading` takes it apart, `values` reads its cells, `applying` stores them."""
