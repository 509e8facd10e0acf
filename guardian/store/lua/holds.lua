-- Whether the token still holds the lease of a subject: asked right before acting.
-- ARGV: node, subject, token  ->  1 | 0
local held = hash(K.heal .. ARGV[1] .. ':' .. ARGV[2])
if held.token == ARGV[3] and tonumber(held.lease_until) > server_ms() then return 1 end
return 0
