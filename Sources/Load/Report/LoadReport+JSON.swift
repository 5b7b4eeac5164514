import HTTP
import JSON

extension LoadReport {
    /// The report as a JSON document; latencies in nanoseconds.
    package var json: JSONObject {
        [
            "program": ["name": "pharos-scim", "version": .string(version)],
            "commit": parameters.commit.map { .string($0) } ?? .null,
            "date": .string(started.text),
            "machine": [
                "processor": .string(machine.processor), "processors": .number(machine.processorCount),
                "memoryBytes": .number(machine.memoryBytes), "kernel": .string(machine.kernel),
                "system": .string(machine.system),
            ],
            "server": [
                "url": .string(url.text), "serviceProviderConfig": provider.map { .object($0) } ?? .null,
            ],
            "parameters": parametersJSON,
            "prepared": Self.json(prepared),
            "removed": Self.json(removed),
            "runs": .array(runs.map { .object($0.json) }),
        ]
    }

    private var parametersJSON: JSONValue {
        var rate: JSONValue = .null
        if case .open(let perSecond) = parameters.pace { rate = .number(perSecond) }
        return [
            "workload": parameters.workload.map { .string($0.rawValue) } ?? .null,
            "loop": rate == .null ? "closed" : "open", "ratePerSecond": rate,
            "connections": .number(parameters.connections), "loops": .number(parameters.loops),
            "durationSeconds": .number(parameters.durationSeconds),
            "warmUpSeconds": .number(parameters.warmUpSeconds),
            "timeoutSeconds": .number(parameters.timeoutSeconds),
            "expectedIntervalMicroseconds": parameters.expectedIntervalMicroseconds.map { .number($0) }
                ?? .null,
            "groups": .number(parameters.groups),
            "groupMembers": .number(parameters.groupMembers),
        ]
    }

    private static func json(_ resources: Resources) -> JSONValue {
        ["users": .number(resources.users), "groups": .number(resources.groups)]
    }
}

extension LoadReport.Run {
    fileprivate var json: JSONObject {
        let failures = LoadFailure.allCases.map {
            JSONObject.Member(name: $0.rawValue, value: .number(figures.count(of: $0)))
        }
        let statuses = figures.answers.sorted { $0.key < $1.key }.map {
            JSONObject.Member(name: "\($0.key)", value: .number($0.value))
        }
        let operations = figures.done.map { operation, figures -> JSONValue in
            [
                "operation": .string(operation.rawValue), "answered": .number(Int(figures.service.count)),
                "unexpected": .number(figures.unexpected), "service": figures.service.json,
            ]
        }
        return [
            "users": .number(users), "answered": .number(figures.answered),
            "unexpected": .number(figures.unexpected), "failed": .number(figures.failed),
            "unsent": .number(figures.unsent), "warmUp": .number(figures.warmUp),
            "statuses": .object(JSONObject(uniqueMembers: statuses)),
            "failures": .object(JSONObject(uniqueMembers: failures)),
            "elapsedNanoseconds": .number(figures.elapsedNanoseconds),
            "answeredPerSecond": .number(figures.rate, places: 2),
            "bytesSent": .number(figures.bytesSent), "bytesReceived": .number(figures.bytesReceived),
            "connectionsOpened": .number(figures.connectionsOpened),
            "service": service.json, "response": response?.json ?? .null, "operations": .array(operations),
            "answeredInEachSecond": .array(figures.perSecond.map { .number($0) }),
        ]
    }
}

extension LatencyHistogram {
    /// Percentiles in nanoseconds.
    var json: JSONValue {
        var members = [
            JSONObject.Member(name: "count", value: .number(Int(count))),
            JSONObject.Member(name: "mean", value: .number(mean)),
            JSONObject.Member(name: "smallest", value: .number(smallest)),
        ]
        members += LoadReport.shares.map {
            JSONObject.Member(name: $0.name, value: .number(quantile($0.share)))
        }
        members.append(JSONObject.Member(name: "largest", value: .number(largest)))
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension JSONValue {
    fileprivate static func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    fileprivate static func number(_ value: Double, places: Int) -> JSONValue {
        .number(JSONNumber(validated: Readable.fixed(value, places)))
    }
}
