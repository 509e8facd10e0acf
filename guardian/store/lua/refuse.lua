-- Takes a planned attempt back because the claim was refused. The policy decides again at the next look.
-- ARGV: incident, attempt, now, reason, tell ('0': nobody is told; '1': a person is, and the escalation does not wait;
--   '2': a person is)  ->  1, or 0 when it is not planned any more
local id, attempt, now, reason = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local incident = hash(K.incident .. id)
if is_stale(incident, attempt) or (incident.heal ~= 'planned' and incident.heal ~= 'acting') then return 0 end
redis.call('HSET', K.incident .. id, 'heal', 'none', 'action', 'alert', 'reason', reason)
set_due(id, 'heal', nil)
tell_story(id, now, 'decided', 'no heal', reason)
if ARGV[5] ~= '0' then begin_telling(id, incident, now, ARGV[5] == '1') end
return 1
