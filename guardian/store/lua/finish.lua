-- Ends an attempt with the token that began it. The cooldown starts; what comes next depends on the outcome.
-- ARGV: incident, attempt, token, now, cooldown ms, outcome, text, verify_at, reason of a failure or containment,
--   '1': a person is told of a failure
--   outcome done: the verifying look is due at verify_at.  failed: nothing was changed, a person is told.
--   broken: the circuit was broken, a person is told.  contained: it goes on, contained, and a person is told.
-- -> 1, or 0 when the lease was lost meanwhile
local id, attempt, token, now, cooldown = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local outcome, text, verify_at = ARGV[6], ARGV[7], tonumber(ARGV[8])
local incident = hash(K.incident .. id)
if is_stale(incident, attempt) or incident.heal ~= 'acting' then return 0 end
local key = K.heal .. incident.node .. ':' .. (incident.subject or incident.target)
if redis.call('HGET', key, 'token') ~= token then return 0 end

redis.call('HDEL', key, 'token', 'lease_until', 'takeovers')
if cooldown > 0 then redis.call('HSET', key, 'cooldown_until', int(now + cooldown)) end
if outcome == 'done' then
  redis.call('HSET', K.incident .. id, 'heal', 'verifying', 'healed_at', int(now), 'verify_unknowns', 0)
  set_due(id, 'heal', verify_at)
  tell_story(id, now, 'healed', text, nil, {cooldown = int(cooldown)})
  return 1
end
redis.call('HSET', K.incident .. id, 'heal', 'none')
set_due(id, 'heal', nil)
if outcome == 'contained' then
  redis.call('HSET', K.incident .. id, 'action', 'alert', 'reason', ARGV[9])
  tell_story(id, now, 'contained', text)
  if ARGV[10] ~= '0' then begin_telling(id, incident, now, false) end
  return 1
end
if outcome == 'broken' then
  redis.call('HSET', K.incident .. id, 'circuit_broken', 1)
  tell_story(id, now, 'circuit broken', text)
else
  redis.call('HSET', K.incident .. id, 'reason', ARGV[9])
  tell_story(id, now, 'heal failed', text)
  if ARGV[10] == '0' then return 1 end
end
begin_telling(id, incident, now, true)
return 1
