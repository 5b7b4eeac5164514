internal import JSON

extension JournalEntry {
    /// One line of JSON as `journalctl -o json` prints it: a field that comes several times is an array.
    package var jsonLine: [UInt8] {
        var names: [String] = []
        var values: [String: [JSONValue]] = [:]
        for (name, value) in fields {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.string(value))
        }
        var object = JSONObject()
        for name in names {
            guard let all = values[name] else { continue }
            object[name] = all.count == 1 ? all[0] : .array(all)
        }
        var bytes: [UInt8] = []
        JSONValue.object(object).write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
