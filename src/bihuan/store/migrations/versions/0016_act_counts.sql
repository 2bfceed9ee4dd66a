-- What is counted of open cases is read from this index alone; red ones of a unit are found in the order of their due times.
create index act_case_lead_light on act_case (lead, light, coalesce(next_due, 'infinity'::timestamptz), id)
    include (type, step, office, next_due, returns, supports) where is_open;
create index act_case_office_light on act_case (office, light, coalesce(next_due, 'infinity'::timestamptz), id)
    where is_open;

-- Of the cases that a unit supports a tenth are open: no need to look at the others for a list of open ones.
create index act_case_supports_open on act_case using gin (supports) where is_open;
