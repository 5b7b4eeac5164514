-- Looks for random users by name: wrk … -s filter-users.lua TENANT_URL -- FILE [check]
-- With `check` each answer must hold the user that was asked for, and its size is printed; that makes wrk slower.
local report = require("report")
local requests, count, size, wrong = {}, 0, 0, 0

function init(args)
    math.randomseed(os.time())
    for _, user in ipairs(report.users(args[1])) do
        local name = user.name:gsub("@", "%%40")
        local path = wrk.path .. "/Users?filter=userName%20eq%20%22" .. name .. "%22&startIndex=1&count=100"
        count = count + 1
        requests[count] = wrk.format("GET", path, report.fields())
    end
    if args[2] == "check" then response = check end
end

function request() return requests[math.random(count)] end

function check(status, _, body)
    if #body > size then
        size = #body
        io.write("SIZE ", size, "\n")
    end
    if wrong == 0 and (status ~= 200 or not body:find('"totalResults":1,', 1, true)) then
        wrong = 1
        io.write("WRONG ", status, " ", body, "\n")
    end
end

done = report.done
