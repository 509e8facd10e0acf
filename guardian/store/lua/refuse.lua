-- Takes a planned attempt back because the claim was refused. The policy decides again at the next look.
-- ARGV: incident, attempt, now, reason, tell ('1': a person is told at once)  ->  1, or 0 when it is not planned any more
local id, attempt, now, reason = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local incident = hash(K.incident .. id)
if is_stale(incident, attempt) or (incident.heal ~= 'planned' and incident.heal ~= 'acting') then return 0 end
redis.call('HSET', K.incident .. id, 'heal', 'none', 'action', 'alert', 'reason', reason)
set_due(id, 'heal', nil)
tell_story(id, now, 'decided', 'no heal', reason)
if ARGV[5] == '1' then begin_telling(id, incident, now, true) end
return 1
