"""Who a customer is beside the grade: lost or not, value, behaviour, role, source, segment, and the groups made from them."""
