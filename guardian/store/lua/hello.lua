-- Opens the store: makes its identity when there is none. A process that knew another identity learns that the
-- store came back empty, even when a newcomer joined it first; cures are then held until `hold` ms after it was made,
-- since cooldowns of before are gone, or until the history was read back.
-- ARGV: now, schema, known identity or '', new identity, hold  ->  identity
local now, schema, known, fresh, hold = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if redis.call('EXISTS', K.store) == 0 then
  redis.call('HSET', K.store, 'schema', schema, 'id', fresh, 'made_at', int(now), 'recovering_until', 0)
end
if known ~= '' and known ~= redis.call('HGET', K.store, 'id') then
  redis.call('HSETNX', K.store, 'lost', known)
  if redis.call('HEXISTS', K.store, 'read_back') == 0 then
    local made_at = tonumber(redis.call('HGET', K.store, 'made_at') or now)
    redis.call('HSET', K.store, 'recovering_until', int(made_at + hold))
  end
end
return redis.call('HGET', K.store, 'id')
