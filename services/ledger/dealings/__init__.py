"""What a fund does with its money: each decided in a file of its own, beside the fund that they change."""
