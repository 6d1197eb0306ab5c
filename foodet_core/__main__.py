"""`python -m foodet_core` is the command line; torchrun starts it so on several processes at once."""

from .cli import main

if __name__ == "__main__":
    main()
