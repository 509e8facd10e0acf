-- One look of one check at one node: verdicts, memory, transitions. Of two deliveries of one look one wins.
-- ARGV[1]: JSON {store, check, node, now, version, look = {field: text}, unknown_looks, brake, release_every,
--   targets = [{check, target, status, state, severity, message, opens, subject, notice, flapping, id}], gone = [{target, text}]}
-- -> JSON {won, lost_store, opened = [id], resolved = [id], incidents = {"check|target": id}}
local look = cjson.decode(ARGV[1])
local now = look.now
if redis.call('HGET', K.store, 'id') ~= look.store then return cjson.encode({won = false, lost_store = true}) end

local look_key = K.look .. look.check .. ':' .. look.node
local version = tonumber(redis.call('HGET', look_key, 'version') or 0)
if version ~= look.version then return cjson.encode({won = false}) end
local looked_before = redis.call('HGET', look_key, 'at') or int(now)
redis.call('HSET', look_key, 'version', version + 1)
for field, value in pairs(look.look) do redis.call('HSET', look_key, field, value) end

redis.call('PEXPIRE', look_key, KEEP_LOOKS_MS)

local opened, resolved, incidents = {}, {}, {}

local function busy(incident) return incident.heal == 'acting' or incident.heal == 'verifying' end

local function well(field, resolution)  -- false while an attempt is open: only verify ends that
  local id = redis.call('HGET', K.open, field)
  if not id then return true end
  local incident = hash(K.incident .. id)
  if busy(incident) then return false end
  if resolve(id, incident, now, resolution) then resolved[#resolved + 1] = id end
  return true
end

local function open_incident(t, field)
  redis.call('HSET', K.incident .. t.id, 'id', t.id, 'check', t.check, 'node', look.node, 'target', t.target,
    'subject', t.subject, 'state', 'open', 'status', t.status, 'severity', t.severity, 'message', t.message,
    'opened_at', int(now), 'seen_at', int(now), 'looked_before', looked_before, 'failing_looks', 1, 'attempt', 0, 'heal', 'none', 'tell', 'none')
  redis.call('HSET', K.open, field, t.id)
  tell_story(t.id, now, 'seen', t.message)
  opened[#opened + 1] = t.id
  return t.id
end

local function failing(t, field)
  local id = redis.call('HGET', K.open, field)
  if not id then
    id = open_incident(t, field)
    incidents[t.check .. '|' .. t.target] = id
    if t.notice then  -- over before the next look: what opens it has it told
      redis.call('HSET', K.incident .. id, 'once', 1)
      begin_telling(id, {tell = 'none'}, now, false)
    end
    return
  end
  local key = K.incident .. id
  if t.status == 'unknown' then
    if redis.call('HGET', key, 'status') == 'fail' then return end  -- an open fail stands beside "could not look"
  elseif redis.call('HGET', key, 'status') ~= t.status then
    tell_story(id, now, 'seen', t.message)
  end
  redis.call('HSET', key, 'status', t.status, 'severity', t.severity, 'message', t.message, 'seen_at', int(now))
  redis.call('HINCRBY', key, 'failing_looks', 1)
  incidents[t.check .. '|' .. t.target] = id
end

local function hold(t, field)  -- while it flaps, an ok look says little: its incident stays open
  local id = t.flapping and redis.call('HGET', K.open, field)
  if not id or busy(hash(K.incident .. id)) then return false end
  redis.call('HSET', K.incident .. id, 'message', 'flapping, at this look ok: ' .. t.message, 'seen_at', int(now))
  return true
end

for _, t in ipairs(look.targets) do
  local field = t.check .. '|' .. look.node .. '|' .. t.target
  redis.call('HSET', K.verdicts .. t.check .. ':' .. look.node, t.target, t.state)
  if t.opens or (t.status == 'fail' and redis.call('HEXISTS', K.open, field) == 1) then  -- else it is soft as yet
    failing(t, field)
  elseif t.status == 'ok' then
    if not hold(t, field) then well(field, 'healthy again: ' .. t.message) end
  elseif t.status == 'skipped' then
    well(field, 'no longer looked at: ' .. t.message)
  end
end

for _, t in ipairs(look.targets) do redis.call('PEXPIRE', K.verdicts .. t.check .. ':' .. look.node, KEEP_LOOKS_MS) end

for _, gone in ipairs(look.gone) do
  if well(look.check .. '|' .. look.node .. '|' .. gone.target, gone.text) then  -- else it is gone at the next look too
    redis.call('HDEL', K.verdicts .. look.check .. ':' .. look.node, gone.target)
    redis.call('HDEL', K.acts .. look.node, gone.target, look.check .. '/' .. gone.target)
  end
end

local brake = K.brake .. look.node
if look.brake == 'engage' then
  if redis.call('EXISTS', brake) == 0 then
    redis.call('HSET', brake, 'check', look.check, 'since', int(now), 'next', int(now + look.release_every))
  end
  redis.call('PEXPIRE', brake, KEEP_BRAKE_MS)
elseif look.brake == 'release' and redis.call('HGET', brake, 'check') == look.check then
  redis.call('DEL', brake)
end

return cjson.encode({won = true, opened = opened, resolved = resolved, incidents = incidents})
