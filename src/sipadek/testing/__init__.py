"""For tests and demonstrations, of this library and of hosts: nothing here belongs in production."""
