-- Stores decisions, each only if its incident still is as the decider saw it.
-- ARGV[1]: JSON {now, resend, release_every, plans = [{id, attempt, action, reason, at_once, text, evidence, cure, steady,
--   beside = {open field: 'id tell reason' of that incident as the decider saw it, or ''}}]}
-- -> JSON [{id, attempt, outcome}] with outcome heal | tell | wait | held | stale
local given = cjson.decode(ARGV[1])
local now, out = given.now, {}

local function turn_has_come(node)  -- the fleet brake lets one cure through at a time
  local brake = hash(K.brake .. node)
  if not brake.since then return true end
  if now < tonumber(brake.next) then return false end
  redis.call('HSET', K.brake .. node, 'next', int(now + given.release_every))
  return true
end

local function moved(plan)  -- an incident that the decision took into account is not as it was
  for field, saw in pairs(plan.beside or {}) do
    local id, is = redis.call('HGET', K.open, field), ''
    if id then
      local other = hash(K.incident .. id)
      is = id .. ' ' .. (other.tell or 'none') .. ' ' .. (other.reason or '')
    end
    if is ~= saw then return true end
  end
  return false
end

local function tell_again(plan, incident)  -- who was told that it flaps hears how it stands now
  local key = K.incident .. plan.id
  redis.call('HDEL', key, 'flapping')
  if incident.tell == 'alert' then return end  -- nobody heard yet
  for field in pairs(incident) do
    if string.sub(field, 1, 11) == 'told:alert:' then redis.call('HDEL', key, field) end
  end
  redis.call('HSET', key, 'tell', 'alert')
  set_due(plan.id, 'tell', now)
  tell_story(plan.id, now, 'steady', 'no longer flapping, and failing: ' .. incident.message)
end

local function carry_out(plan, incident)
  local key = K.incident .. plan.id
  if plan.evidence and not incident.evidence then
    redis.call('HSET', key, 'evidence', plan.evidence)
    tell_story(plan.id, now, 'evidence', plan.evidence_text or '')
  end
  if plan.steady and incident.flapping then tell_again(plan, incident) end
  local heals = plan.action == 'heal' or plan.action == 'break circuit'
  if plan.action == 'heal' and plan.cure and not turn_has_come(incident.node) then return 'held' end
  if incident.action ~= plan.action or incident.reason ~= plan.reason then
    tell_story(plan.id, now, 'decided', plan.text, plan.reason)
  end
  redis.call('HSET', key, 'action', plan.action, 'reason', plan.reason)
  if plan.reason == 'flapping' then redis.call('HSET', key, 'flapping', 1) end
  if heals then
    redis.call('HSET', key, 'heal', 'planned')
    redis.call('HINCRBY', key, 'attempt', 1)
    set_due(plan.id, 'heal', now + given.resend)
    return 'heal'
  end
  if plan.action == 'alert' and begin_telling(plan.id, incident, now, plan.at_once) then return 'tell' end
  return 'wait'
end

for i, plan in ipairs(given.plans) do
  local incident = hash(K.incident .. plan.id)
  local outcome = 'stale'
  if not is_stale(incident, plan.attempt) and incident.heal == 'none' and not moved(plan) then outcome = carry_out(plan, incident) end
  out[i] = {id = plan.id, attempt = tonumber(redis.call('HGET', K.incident .. plan.id, 'attempt') or 0), outcome = outcome}
end
return cjson.encode(out)
