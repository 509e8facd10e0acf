-- The telling of one incident: claim a step, mark a channel, finish or postpone the step.
-- ARGV: verb, incident, step (alert | escalate | resolved), now, then by verb:
--   claim: lease ms            -> go | early | stale      (early: not due, another worker is at it, or the
--                                                      history may know more)
--   mark: channel              -> 1                       (this channel has it; a repeat leaves it out)
--   pass: channel              -> 1                       (the step is not for this channel)
--   done: escalate_after ms, task file or ''  -> 1 | 0
--   later: at, text            -> 1 | 0    (a failed try; counted)
--   hold: at, text             -> 1 | 0    (nothing was tried: silenced)
local verb, id, step, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local incident = hash(K.incident .. id)
local key = K.incident .. id
local ended_meanwhile = step == 'alert' and incident.tell == 'resolved'  -- who heard of it is to hear of its end
if incident.tell ~= step and not (ended_meanwhile and (verb == 'mark' or verb == 'pass')) then
  if verb == 'done' and ARGV[6] ~= '' and incident.state then  -- written while the incident went on: it is closed with it
    redis.call('HSET', key, 'task_file', ARGV[6])
    if incident.state == 'resolved' and incident.tell == 'none' then
      redis.call('HSET', key, 'tell', 'close')
      set_due(id, 'tell', now)
    end
  end
  return verb == 'claim' and 'stale' or 0
end

if verb == 'claim' then
  if tonumber(incident.tell_due or 0) > now or awaits_history(now) then return 'early' end
  redis.call('HSET', key, 'begun', 1)
  set_due(id, 'tell', now + tonumber(ARGV[5]))
  return 'go'
elseif verb == 'mark' then
  redis.call('HSET', key, 'told:' .. step .. ':' .. ARGV[5], int(now))
  tell_story(id, now, 'told', step .. ' by ' .. ARGV[5], nil, {step = step, channel = ARGV[5]})
  return 1
elseif verb == 'pass' then
  redis.call('HSET', key, 'told:' .. step .. ':' .. ARGV[5], 0)
  return 1
elseif verb == 'later' or verb == 'hold' then
  set_due(id, 'tell', tonumber(ARGV[5]))
  if verb == 'later' then
    redis.call('HINCRBY', key, 'tries:' .. step, 1)
    note(id, now, 'delivery failed', ARGV[6], nil, {step = step})
  end
  if incident.not_told ~= ARGV[6] then
    redis.call('HSET', key, 'not_told', ARGV[6])
    tell_story(id, now, 'not told', ARGV[6])
  end
  return 1
end
redis.call('HDEL', key, 'not_told')

if step == 'alert' then
  redis.call('HSET', key, 'alerted_at', int(now))
  if incident.state == 'resolved' then  -- a notice, over before it was told
    redis.call('HSET', key, 'tell', 'none')
    retire(id)
  elseif incident.acked_at or incident.escalated_at or incident.once then
    redis.call('HSET', key, 'tell', 'told')
    set_due(id, 'tell', nil)
  else
    redis.call('HSET', key, 'tell', 'escalate')
    set_due(id, 'tell', incident.at_once and now or now + tonumber(ARGV[5]))
  end
elseif step == 'escalate' then
  redis.call('HSET', key, 'tell', 'told', 'escalated_at', int(now))
  if ARGV[6] ~= '' then
    redis.call('HSET', key, 'task_file', ARGV[6])
    tell_story(id, now, 'told', 'escalation task ' .. ARGV[6], nil, {step = step, channel = 'task file'})
  end
  set_due(id, 'tell', nil)
elseif step == 'resolved' and incident.task_file then
  redis.call('HSET', key, 'tell', 'close')
  set_due(id, 'tell', now)
else
  redis.call('HSET', key, 'tell', 'none')
  retire(id)
end
return 1
