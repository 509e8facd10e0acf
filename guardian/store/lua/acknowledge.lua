-- A person took an open incident: no escalation any more; checks and heals go on.
-- ARGV: incident, author, now, comment or ''  ->  acknowledged | already | stale
local id, author, now, comment = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local incident = hash(K.incident .. id)
if incident.state ~= 'open' then return 'stale' end
if incident.acked_at then return 'already' end
redis.call('HSET', K.incident .. id, 'acked_by', author, 'acked_at', int(now))
if incident.tell == 'escalate' then
  redis.call('HSET', K.incident .. id, 'tell', 'told')
  set_due(id, 'tell', nil)
end
tell_story(id, now, 'acknowledged', 'by ' .. author .. (comment ~= '' and ': ' .. comment or ''), nil, {by = author})
return 'acknowledged'
