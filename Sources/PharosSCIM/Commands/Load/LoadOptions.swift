import ArgumentParser
import Load

/// What is sent, how often and for how long.
struct LoadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is sent: \(Workload.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"
        )
    )
    var workload: Workload?

    @Option(
        help: ArgumentHelp(
            "Requests a second of an open loop. (default: a closed loop)",
            valueName: "n"
        )
    )
    var rate: Int?

    @Option(help: ArgumentHelp("Connections, which are kept open.", valueName: "n"))
    var connections = 64

    @Option(help: ArgumentHelp("Event loops that send; each keeps one processor busy.", valueName: "n"))
    var loops = 1

    @Option(help: ArgumentHelp("How long is measured, as 90, 90s or 15m.", valueName: "time"))
    var duration = Overlap(argument: "30s") ?? .none

    @Option(help: ArgumentHelp("How long requests are sent before that.", valueName: "time"))
    var warmUp = Overlap(argument: "2s") ?? .none

    @Option(help: ArgumentHelp("After which time an answer counts as missing.", valueName: "time"))
    var timeout = Overlap(argument: "10s") ?? .none

    @Option(
        help: ArgumentHelp(
            """
            How often each connection of a closed loop would send if no answer kept it, in milliseconds: latencies are \
            then also told as corrected for coordinated omission.
            """,
            valueName: "ms"
        )
    )
    var expectedInterval: Double?

    @Option(help: ArgumentHelp("How many users the directory has for the test.", valueName: "n"))
    var users = 1_000

    @Option(
        help: ArgumentHelp(
            """
            Numbers of users for which the workload is carried out one after the other, as 100,1000,10000; needs \
            --prepare. (default: --users)
            """,
            valueName: "list"
        )
    )
    var sizes: LoadSizes?

    @Option(help: ArgumentHelp("Groups, for workloads that change them.", valueName: "n"))
    var groups = 32

    @Option(help: ArgumentHelp("Members of each of them, at most half of the users.", valueName: "n"))
    var groupMembers = 100

    @Flag(help: "Make users and groups that are not there, each by a POST, before anything is measured.")
    var prepare = false

    @Flag(help: "Delete all users and groups that load tests have made, at the end.")
    var cleanUp = false

    @Flag(help: "Let the test change the directory: without it only GET is sent.")
    var allowChanges = false

    @Option(help: ArgumentHelp("What is measured, in your words, for the report.", valueName: "text"))
    var commit: String?

    func validate() throws {
        try Self.check(connections, "--connections", LoadLimits.connections)
        try Self.check(loops, "--loops", LoadLimits.loops)
        try Self.check(duration.seconds, "--duration", LoadLimits.durationSeconds, " seconds")
        try Self.check(warmUp.seconds, "--warm-up", LoadLimits.warmUpSeconds, " seconds")
        try Self.check(timeout.seconds, "--timeout", LoadLimits.timeoutSeconds, " seconds")
        try Self.check(users, "--users", 1...LoadNames.usersMax)
        try Self.check(groups, "--groups", LoadLimits.groups)
        try Self.check(groupMembers, "--group-members", LoadLimits.groupMembers)
        if let rate { try Self.check(rate, "--rate", LoadLimits.rate) }
        if let expectedInterval {
            guard rate == nil else {
                throw ValidationError("--expected-interval is for a closed loop, without --rate.")
            }
            guard LoadLimits.expectedIntervalMilliseconds.contains(expectedInterval) else {
                throw ValidationError("--expected-interval is from 0.001 to 600000 milliseconds.")
            }
        }
        if sizes != nil, !prepare { throw ValidationError("--sizes needs --prepare.") }
    }

    private static func check(
        _ value: Int,
        _ option: String,
        _ range: ClosedRange<Int>,
        _ unit: String = ""
    ) throws {
        guard !range.contains(value) else { return }
        throw ValidationError("\(option) is from \(range.lowerBound) to \(range.upperBound)\(unit).")
    }

    var parameters: LoadParameters {
        var parameters = LoadParameters()
        parameters.workload = workload
        parameters.sizes = sizes?.numbers ?? [users]
        parameters.connections = connections
        parameters.loops = loops
        if let rate { parameters.pace = .open(perSecond: rate) }
        parameters.durationSeconds = duration.seconds
        parameters.warmUpSeconds = warmUp.seconds
        parameters.timeoutSeconds = timeout.seconds
        parameters.expectedIntervalMicroseconds = expectedInterval.map { Int(($0 * 1_000).rounded()) }
        parameters.groups = groups
        parameters.groupMembers = groupMembers
        parameters.prepares = prepare
        parameters.cleansUp = cleanUp
        parameters.commit = commit
        return parameters
    }
}

extension Workload: ExpressibleByArgument {}

/// Numbers of users: `100,1000,10000`.
struct LoadSizes: ExpressibleByArgument {
    let numbers: [Int]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let known = numbers.compactMap(\.self)
        guard !known.isEmpty, known.count == numbers.count, known.count <= LoadLimits.sizesMax,
            known.allSatisfy((1...LoadNames.usersMax).contains), Set(known).count == known.count
        else { return nil }
        self.numbers = known
    }
}
