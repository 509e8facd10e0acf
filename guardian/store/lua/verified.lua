-- The verifying look's answer for one attempt.
-- ARGV: incident, attempt, now, outcome (healthy | failing | unknown), text, look again at, most unknown looks, reason,
--   '1' to tell of a good end that nobody was told of before, '1' to tell that it still fails
-- -> resolved | good end (resolved, and a person is to hear of it) | failed | again | stale
local id, attempt, now, outcome, text = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local incident = hash(K.incident .. id)
if is_stale(incident, attempt) or incident.heal ~= 'verifying' then return 'stale' end
if outcome == 'healthy' then
  tell_story(id, now, 'verified', text)
  redis.call('HDEL', K.heal .. incident.node .. ':' .. (incident.subject or incident.target), 'cooldown_until')
  return resolve(id, incident, now, 'healed: ' .. text, ARGV[9] == '1') and 'good end' or 'resolved'
end
if outcome == 'unknown' and redis.call('HINCRBY', K.incident .. id, 'verify_unknowns', 1) < tonumber(ARGV[7]) then
  set_due(id, 'heal', tonumber(ARGV[6]))
  tell_story(id, now, 'not verified', text)
  return 'again'
end
redis.call('HSET', K.incident .. id, 'heal', 'none', 'action', 'alert', 'reason', ARGV[8])
set_due(id, 'heal', nil)
tell_story(id, now, 'not verified', text, ARGV[8])
if ARGV[10] ~= '0' then begin_telling(id, incident, now, true) end
return 'failed'
