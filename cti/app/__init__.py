"""The roof: builds the product from its parts, wires them, starts and stops them. Nobody imports it but the command."""
