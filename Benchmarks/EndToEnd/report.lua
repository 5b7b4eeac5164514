-- What the scripts for wrk share: the fields that an identity provider sends, and one line of figures at the end.
local report = {}

function report.fields()
    return {
        ["User-Agent"] = "Okta SCIM Client 1.0.0",
        ["Accept"] = "application/scim+json",
        ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN"),
    }
end

-- The users that create-users.lua has noted: a table of {id =, name =}.
function report.users(file)
    local users = {}
    for line in io.lines(file) do
        local id, name = line:match("^(%S+) (%S+)$")
        users[#users + 1] = { id = id, name = name }
    end
    return users
end

-- RESULT requests/s, median and 99th percentile of the latency in microseconds, failures.
function report.done(summary, latency)
    local e = summary.errors
    io.write(string.format("RESULT %.0f %.0f %.0f %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50), latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end

return report
