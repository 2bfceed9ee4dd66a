"""What a city's energy system has and PyPSA has not: CHP regions, heat duties, retrofits, budgets, contracts.

One file a part: its variables, limits and cost, with the mathematics in its docstring.
"""
