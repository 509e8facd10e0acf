-- Claims the right to do one attempt now. One winner; a lease that ran out is taken over, never forgotten.
-- ARGV: store id, incident, attempt, token, now, lease ms, cooldown ms, budget (0: no cure, none counted),
--   window ms, act, lives (how often an attempt may be taken over), remedy,
--   vouched ('1': the target was not healed since `unsure_since`, when the history last had everything)
-- -> {outcome, fence, claimed_at}; outcome lost | granted | takeover | busy | cooldown | exhausted | recovering | unsure |
--   spent | stale; unsure gives unsure_since in place of claimed_at
local store, id, attempt, token, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local lease, cooldown, budget, window = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local act, lives, remedy, vouched = ARGV[10], tonumber(ARGV[11]), ARGV[12], ARGV[13] == '1'

if redis.call('HGET', K.store, 'id') ~= store then return {'lost', 0, '0'} end
local incident = hash(K.incident .. id)
if is_stale(incident, attempt) or (incident.heal ~= 'planned' and incident.heal ~= 'acting') then return {'stale', 0, '0'} end

local subject = incident.subject or incident.target
local key = K.heal .. incident.node .. ':' .. subject
local held = hash(key)
local server = server_ms()
if held.token and tonumber(held.lease_until) > server then return {'busy', 0, held.claimed_at} end

local mine = held.token and held.incident == id and tonumber(held.attempt) == attempt
local function grant(outcome, claimed_at)
  local fence = redis.call('HINCRBY', key, 'fence', 1)
  redis.call('HSET', key, 'token', token, 'incident', id, 'attempt', attempt, 'lease_until', int(server + lease),
    'claimed_at', int(claimed_at))
  redis.call('PEXPIRE', key, int(math.max(cooldown, window, lease) * 2))
  redis.call('HSET', K.incident .. id, 'heal', 'acting')
  set_due(id, 'heal', now + lease)
  return {outcome, fence, int(claimed_at)}
end

if mine then
  if redis.call('HINCRBY', key, 'takeovers', 1) > lives then return {'spent', 0, held.claimed_at} end
  tell_story(id, now, 'taken over', 'the worker that held attempt ' .. attempt .. ' went away')
  return grant('takeover', tonumber(held.claimed_at))
end
if held.token then  -- another attempt's lease ran out: its cooldown counts from its claim
  redis.call('HSET', key, 'cooldown_until', int(tonumber(held.claimed_at) + cooldown))
  redis.call('HDEL', key, 'token')
  held.cooldown_until = tonumber(held.claimed_at) + cooldown
end

if budget > 0 then
  if tonumber(redis.call('HGET', K.store, 'recovering_until') or 0) > now then return {'recovering', 0, '0'} end
  if tonumber(held.cooldown_until or 0) > now then return {'cooldown', 0, '0'} end
  if not vouched and tonumber(redis.call('HGET', K.store, 'unsure_until') or 0) > now then
    return {'unsure', 0, redis.call('HGET', K.store, 'unsure_since')}
  end
  local cures = K.cures .. incident.node .. ':' .. subject
  redis.call('ZREMRANGEBYSCORE', cures, '-inf', int(now - window))
  if redis.call('ZCARD', cures) >= budget then return {'exhausted', 0, '0'} end
  redis.call('ZADD', cures, int(now), id .. ' ' .. attempt)
  redis.call('PEXPIRE', cures, int(window))
end
redis.call('HDEL', key, 'takeovers')
redis.call('HSET', K.acts .. incident.node, subject, cjson.encode({act = act, at = int(now)}))
redis.call('PEXPIRE', K.acts .. incident.node, KEEP_LOOKS_MS)
tell_story(id, now, 'claimed', act .. ', attempt ' .. attempt, nil,
  {act = act, remedy = remedy, cure = budget > 0 and 1 or 0})
return grant('granted', now)
