import OutgoingHTTP
import Reactor

/// The stages of a test on one server, which share what is known of its directory.
struct LoadSession {
    let place: ConnectionPlace
    let writer: RequestWriter
    let parameters: LoadParameters
    let engine: LoadEngine
    let watcher: LoadTest.Watcher?

    private var population = Population(userCount: 0, unused: NumberSource(from: 1))
    /// What the preparation has made.
    private(set) var prepared = LoadReport.Resources()

    init(
        place: ConnectionPlace,
        writer: RequestWriter,
        parameters: LoadParameters,
        engine: LoadEngine,
        watcher: LoadTest.Watcher?
    ) {
        self.place = place
        self.writer = writer
        self.parameters = parameters
        self.engine = engine
        self.watcher = watcher
    }

    /// Sees to it that the directory has so many users, and the groups, as far as the workload needs them.
    mutating func populate(_ size: Int) async throws {
        let known = population.userIDs
        if parameters.prepares || parameters.workload?.needsIDs ?? false {
            let purpose = parameters.prepares ? Survey.Purpose.make : .find
            let survey = try await walk(Survey(.users, purpose, from: known.count + 1, to: size), "users")
            let ids = survey.ids
            population.userIDs = known + ((known.count + 1)...size).compactMap { ids[$0] }
            if parameters.prepares { prepared.users += survey.changed }
        } else if parameters.workload?.needsUsers ?? false {
            // Only the names are asked for: that the first and the last are there has to do.
            for number in Set([1, size]) {
                try await walk(Survey(.users, .find, from: number, to: number), "users")
            }
        }
        population.userCount = size
        try await populateGroups()
        if parameters.workload?.creates ?? false {
            let survey = try await walk(Survey(.users, .seek, from: size + 1, to: nil), "unused names")
            let unused = NumberSource(from: survey.lastFound + 1)
            var next = Population(userCount: size, unused: unused)
            next.userIDs = population.userIDs
            next.groupIDs = population.groupIDs
            next.groupMembers = population.groupMembers
            population = next
        }
    }

    private mutating func populateGroups() async throws {
        let isNeeded = parameters.workload?.needsGroups ?? parameters.prepares
        guard isNeeded, population.groupIDs.isEmpty else { return }
        // Others are left to be added and removed.
        let members = min(parameters.groupMembers, population.userCount / 2)
        let purpose = parameters.prepares ? Survey.Purpose.make : .find
        let survey = Survey(
            .groups,
            purpose,
            from: 1,
            to: parameters.groups,
            members: Array(population.userIDs.prefix(members))
        )
        try await walk(survey, "groups")
        let ids = survey.ids
        population.groupIDs = (1...parameters.groups).compactMap { ids[$0] }
        population.groupMembers = members
        if parameters.prepares { prepared.groups += survey.changed }
    }

    /// Carries a workload out.
    func measure(_ workload: Workload) async throws -> LoadReport.Run {
        let (writer, population, connections) = (writer, population, parameters.connections)
        var phase = LoadPhase(
            place: place,
            connections: connections,
            timeoutSeconds: parameters.timeoutSeconds
        ) { workload.script(writer, population, connection: $0, of: connections) }
        phase.pace = parameters.pace
        phase.warmUpSeconds = parameters.warmUpSeconds
        phase.durationSeconds = parameters.durationSeconds
        let figures = try await run(phase, "\(workload.rawValue), \(population.userCount) users")
        return LoadReport.Run(users: population.userCount, figures: figures, parameters: parameters)
    }

    /// Deletes all groups and users that load tests have made.
    func cleanUp() async throws -> LoadReport.Resources {
        let groups = try await walk(Survey(.groups, .delete, from: 1, to: nil), "deleting groups")
        let users = try await walk(Survey(.users, .delete, from: 1, to: nil), "deleting users")
        return LoadReport.Resources(users: users.changed, groups: groups.changed)
    }

    /// Walks over names with all connections.
    @discardableResult
    private func walk(_ survey: Survey, _ stage: String) async throws -> Survey {
        let writer = writer
        let phase = LoadPhase(
            place: place,
            connections: parameters.connections,
            timeoutSeconds: parameters.timeoutSeconds
        ) { _ in SurveyScript(survey, writer) }
        let figures = try await run(phase, stage)
        if let fault = survey.fault { throw LoadError.survey(fault) }
        if figures.failed >= LoadLimits.preparationFailuresMax {
            let worst = LoadFailure.allCases.max { figures.count(of: $0) < figures.count(of: $1) }
            throw LoadError.failing(worst ?? .closed)
        }
        return survey
    }

    private func run(_ phase: LoadPhase, _ stage: String) async throws -> PhaseFigures {
        watcher?.begins(stage)
        var watch: LoadEngine.Watcher?
        if let watcher { watch = { watcher.stands(stage, $0, $1) } }
        do {
            return try await engine.run(phase, watcher: watch)
        } catch let error as SystemError { throw LoadError.system(error) }
    }
}
