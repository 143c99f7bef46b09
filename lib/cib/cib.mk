# lib/cib
