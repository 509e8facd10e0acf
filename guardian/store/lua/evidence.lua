-- Keeps what was seen before the first act; the first evidence stands.
-- ARGV: incident, now, evidence as JSON, text
if redis.call('HGET', K.incident .. ARGV[1], 'state') ~= 'open' then return 0 end
if redis.call('HSETNX', K.incident .. ARGV[1], 'evidence', ARGV[3]) == 0 then return 0 end
tell_story(ARGV[1], tonumber(ARGV[2]), 'evidence', ARGV[4])
return 1
