"""The few constraints every rule is made of, and how a rule's data becomes them."""
