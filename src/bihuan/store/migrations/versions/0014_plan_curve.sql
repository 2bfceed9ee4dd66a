-- A run may move the limit of a budget instead of solving once: its answer is a curve.

alter table plan_run add column budget text;  -- null: one optimum
alter table plan_run add column factors double precision[];  -- multiples of the budget's limit
alter table plan_run add column curve json;  -- BudgetCurve of core/records/plan.py
