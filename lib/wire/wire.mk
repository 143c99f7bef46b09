# lib/wire
