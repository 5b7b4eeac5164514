import TestSupport

/// A program that went wrong once in some schedules.
struct Scenario: Sendable, CustomStringConvertible {
    let name: String
    let program: Program
    /// How many schedules were enough to meet the fault.
    private(set) var schedules: UInt64 = 60

    var description: String { name }

    init(
        _ name: String,
        titles: [String?] = [nil, nil],
        members: [Reference] = [],
        _ clients: [Call]...
    ) {
        self.name = name
        let users = titles.enumerated().map {
            Step<Reference>.createUser(UserValues(name: "n\($0)", title: $1))
        }
        // With several loops, most actors live on another one than the connections that use them.
        program = Program(
            setup: users + [.createGroup(GroupValues(name: "t0", members: members))],
            clients: clients,
            loops: 4
        )
    }
}

extension Scenario {
    /// The same where one schedule in a few dozen met the fault.
    fileprivate var rare: Scenario {
        var scenario = self
        scenario.schedules = 250
        return scenario
    }

    static let all = [
        Scenario(
            "a user is changed and deleted at once",
            [.one(.patchUser(.user(0), name: nil, title: "a"))],
            [.one(.delete(.user, .user(0)))]
        ).rare,
        Scenario(
            "a user is changed, and deleted by a bulk request at once",
            [.one(.patchUser(.user(0), name: nil, title: "a"))],
            [.bulk(.delete(.user, .user(0)))]
        ).rare,
        Scenario(
            "a user is changed twice at once",
            [.one(.patchUser(.user(0), name: nil, title: "a"))],
            [.one(.patchUser(.user(0), name: nil, title: "b"))]
        ).rare,
        Scenario(
            "a bulk request changes a user twice",
            [.bulk(.patchUser(.user(0), name: nil, title: "a"), .patchUser(.user(0), name: nil, title: "b"))]
        ),
        Scenario(
            "a member is added twice at once",
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(0)])]))],
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(0)])]))]
        ),
        Scenario(
            "two members are added at once",
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(0)])]))],
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(1)])]))]
        ),
        Scenario(
            "a group gets a member by PUT in a bulk request and is deleted at once",
            [.bulk(.replaceGroup(.group(0), GroupValues(name: "t0", members: [.user(0)])))],
            [.one(.delete(.group, .group(0)))]
        ),
        Scenario(
            "a group gets a member by a PATCH that leaves its name, and is deleted by a bulk request at once",
            [.one(.patchGroup(.group(0), name: "t0", [.add([.user(0)])]))],
            [.bulk(.delete(.group, .group(0)))]
        ),
        Scenario(
            "a group loses its members by PUT, and is renamed with a member by a bulk request at once",
            members: [.user(0)],
            [.one(.replaceGroup(.group(0), GroupValues(name: "t0", members: [])))],
            [.bulk(.patchGroup(.group(0), name: "t1", [.add([.user(0)])]))]
        ),
        Scenario(
            "a group is replaced without a member that is added at once",
            [.one(.replaceGroup(.group(0), GroupValues(name: "t1", members: [])))],
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(0)])]))]
        ),
        Scenario(
            "a group is replaced, and renamed with a member at once",
            [.one(.replaceGroup(.group(0), GroupValues(name: "t0", members: [.user(1)])))],
            [.one(.patchGroup(.group(0), name: "t1", [.add([.user(0)])]))]
        ).rare,
        Scenario(
            "a group is deleted, and loses its members by PUT in a bulk request at once",
            members: [.user(0)],
            [.one(.delete(.group, .group(0)))],
            [.bulk(.replaceGroup(.group(0), GroupValues(name: "t0", members: [])))]
        ),
        Scenario(
            "a user is renamed while an import finds it by its old name",
            [.one(.replaceUser(.user(0), UserValues(name: "n2")))],
            [.importing([UserValues(name: "n0", title: "a")])]
        ),
        Scenario(
            "two transactions each rely on what the other changes",
            titles: ["a", "a"],
            [
                .bulk(
                    .patchUser(.user(0), name: nil, title: "a"),
                    .patchUser(.user(1), name: nil, title: "b"),
                    isAtomic: true
                )
            ],
            [
                .bulk(
                    .patchUser(.user(1), name: nil, title: "a"),
                    .patchUser(.user(0), name: nil, title: "b"),
                    isAtomic: true
                )
            ]
        ),
        Scenario(
            "a member is added and deleted at once, while others read the group",
            [.one(.patchGroup(.group(0), name: nil, [.add([.user(0)])]))],
            [.one(.delete(.user, .user(0)))],
            [.one(.read(.group, .group(0))), .one(.read(.group, .group(0)))]
        ),
        Scenario(
            "a member is deleted",
            members: [.user(0)],
            [.one(.delete(.user, .user(0)))]
        ),
    ]
}
