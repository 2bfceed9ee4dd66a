-- name: keep
insert into entity (urn, type, name, lon, lat, district, owner, attributes, synthetic, created_at, modified_at)
values (%(urn)s, %(type)s, %(name)s, %(lon)s, %(lat)s, %(district)s, %(owner)s, %(attributes)s, %(synthetic)s, %(at)s, %(at)s)
on conflict (urn) do update
set type = excluded.type, name = excluded.name, lon = excluded.lon, lat = excluded.lat, district = excluded.district,
    owner = excluded.owner, attributes = entity.attributes || excluded.attributes, synthetic = excluded.synthetic,
    version = entity.version + 1, modified_at = excluded.modified_at
returning id

-- name: by_urn
select id, urn from entity where urn = any(%(urns)s)

-- name: listed
select id, urn, type, name, lon, lat, district, owner, attributes, synthetic from entity
where (%(type)s::text is null or type = %(type)s) and (%(urns)s::text[] is null or urn = any(%(urns)s))
  and (%(numbers)s::integer[] is null or id = any(%(numbers)s)) and id > %(after)s
order by id limit %(limit)s

-- name: move
update entity set lon = u.lon, lat = u.lat, version = version + 1, modified_at = %(at)s
from unnest(%(entities)s::integer[], %(lons)s::double precision[], %(lats)s::double precision[]) as u(entity, lon, lat)
where id = u.entity and (entity.lon, entity.lat) is distinct from (u.lon, u.lat)

-- name: types
select type, count(*) from entity group by type order by type
