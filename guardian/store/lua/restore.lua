-- Puts back what the history knew of the store before this one: once per store, by compare-and-set.
-- ARGV[1]: JSON {store, now, verify_at, window, since, hold,
--   incidents = [{fields = {name: text}, evidence, state (of its target, as JSON), story = [JSON]}],
--   heals = [{node, subject, incident, attempt, act, claimed_at, cooldown_until, cure}]}
--   since: up to when the history had everything; without it nothing is known and the hold stands
-- -> JSON {outcome, restored = [id], superseded = {id: id of the incident that goes on instead}}
--   outcome done | before (somebody else was first) | lost_store
local given = cjson.decode(ARGV[1])
local now = given.now
if redis.call('HGET', K.store, 'id') ~= given.store then return cjson.encode({outcome = 'lost_store'}) end
if redis.call('HEXISTS', K.store, 'read_back') == 1 then return cjson.encode({outcome = 'before'}) end

local restored, superseded = {}, {}

local function give_way(id, to)  -- opened since, and nobody was told and nothing done: the one of before goes on
  redis.call('HSET', K.incident .. id, 'state', 'resolved', 'resolved_at', int(now), 'resolution', 'goes on as ' .. to,
    'tell', 'none', 'heal', 'none')
  redis.call('ZADD', K.closed, int(now), id)
  set_due(id, 'heal', nil)
  tell_story(id, now, 'resolved', 'goes on as ' .. to)
  retire(id)
end

local function end_in_history(incident, other)
  local how = 'goes on as ' .. other
  incident.state, incident.resolved_at, incident.resolution = 'resolved', int(now), how
  incident.tell, incident.heal = 'none', 'none'
  add_history('incident', cjson.encode(incident), 'steps', cjson.encode({{at = int(now), kind = 'resolved', text = how}}))
end

local function known_target(incident, state)  -- so that a target which is gone is missed
  redis.call('HSETNX', K.verdicts .. incident.check .. ':' .. incident.node, incident.target, state)
  redis.call('PEXPIRE', K.verdicts .. incident.check .. ':' .. incident.node, KEEP_LOOKS_MS)
  local fleet = string.match(incident.target, '^fleet (.+)$')
  if incident.check == 'guardian' and fleet and redis.call('EXISTS', K.brake .. incident.node) == 0 then
    redis.call('HSET', K.brake .. incident.node, 'check', fleet, 'since', incident.opened_at, 'next', int(now))
    redis.call('PEXPIRE', K.brake .. incident.node, KEEP_BRAKE_MS)
  end
end

local function untold(incident)  -- what was only in the lost store's spools is told again
  for name in pairs(incident) do
    local step, channel = string.match(name, '^kept:(%a+):(.+)$')
    if step then
      incident[name], incident['told:' .. step .. ':' .. channel] = nil, nil
      local over = step == 'alert' and (incident.tell == 'escalate' or incident.tell == 'told')
      if over or (step == 'resolved' and incident.tell == 'close') then
        incident.tell, incident.tell_due = step, nil
      end
    end
  end
end

local function put_back(id, incident, evidence, story)
  untold(incident)
  for name, value in pairs(incident) do redis.call('HSET', K.incident .. id, name, value) end
  if evidence then redis.call('HSET', K.incident .. id, 'evidence', evidence) end
  for _, step in ipairs(story) do redis.call('RPUSH', K.story .. id, step) end
  tell_story(id, now, 'read back', 'the store came back empty: known from the history')
  if incident.tell ~= 'none' and incident.tell ~= 'told' then
    set_due(id, 'tell', math.max(now, tonumber(incident.tell_due or 0)))
  end
  restored[#restored + 1] = id
end

local function put_back_open(id, each)
  local incident, other = each.fields, redis.call('HGET', K.open, open_field(each.fields))
  if other then
    local newer = hash(K.incident .. other)
    if newer.begun or newer.heal ~= 'none' then
      superseded[id] = other
      end_in_history(incident, other)
      if incident.task_file then redis.call('HSETNX', K.incident .. other, 'task_file', incident.task_file) end
      return
    end
    give_way(other, id)
  end
  local was = incident.heal
  incident.heal, incident.heal_due = 'none', nil
  put_back(id, incident, each.evidence, each.story)
  redis.call('HSET', K.open, open_field(incident), id)
  known_target(incident, each.state)
  if was == 'acting' or was == 'verifying' then  -- whether it was done is not known: never again, but looked at
    redis.call('HSET', K.incident .. id, 'heal', 'verifying', 'verify_unknowns', 0)
    redis.call('HSETNX', K.incident .. id, 'healed_at', int(now))
    set_due(id, 'heal', given.verify_at)
  end
end

for _, each in ipairs(given.incidents) do
  local id = each.fields.id
  if redis.call('EXISTS', K.incident .. id) == 0 then
    if each.fields.state == 'open' then
      put_back_open(id, each)
    else  -- its end is still to be told
      put_back(id, each.fields, each.evidence, each.story)
      redis.call('ZADD', K.closed, each.fields.resolved_at, id)
      expire(id)
    end
  end
end

for _, heal in ipairs(given.heals) do
  local key, cures = K.heal .. heal.node .. ':' .. heal.subject, K.cures .. heal.node .. ':' .. heal.subject
  if heal.cure then
    redis.call('ZADD', cures, int(heal.claimed_at), heal.incident .. ' ' .. heal.attempt)
    redis.call('PEXPIRE', cures, int(given.window))
  end
  if heal.cooldown_until and heal.cooldown_until > tonumber(redis.call('HGET', key, 'cooldown_until') or 0) then
    redis.call('HSET', key, 'cooldown_until', int(heal.cooldown_until))
    redis.call('PEXPIRE', key, int(math.max(given.hold, given.window) * 2))
  end
  redis.call('HSETNX', K.acts .. heal.node, heal.subject, cjson.encode({act = heal.act, at = int(heal.claimed_at)}))
  redis.call('PEXPIRE', K.acts .. heal.node, KEEP_LOOKS_MS)
end

redis.call('HSET', K.store, 'read_back', int(now))
if given.since then
  local made_at = tonumber(redis.call('HGET', K.store, 'made_at'))
  redis.call('HSET', K.store, 'recovering_until', 0, 'unsure_since', int(given.since),
    'unsure_until', int(made_at + given.hold))
end
return cjson.encode({outcome = 'done', restored = restored, superseded = superseded})
