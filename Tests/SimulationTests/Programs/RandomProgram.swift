import TestSupport

extension Program {
    /// A short program over few resources whose names collide.
    static func random(_ random: inout SeededGenerator) -> Program {
        var program = Program(setup: [], clients: [])
        let users = Int.random(in: 2...3, using: &random)
        let groups = Int.random(in: 1...2, using: &random)
        let maker = StepMaker(users: users, groups: groups)
        for number in 0..<users { program.setup.append(.createUser(UserValues(name: "n\(number)"))) }
        for number in 0..<groups {
            program.setup.append(
                .createGroup(GroupValues(name: "t\(number)", members: maker.members(&random, most: users)))
            )
        }
        program.clients = (0..<Int.random(in: 2...4, using: &random)).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in maker.call(&random) }
        }
        program.loops = Int.random(in: 1...3, using: &random)
        program.slices = random.pick(Slices.allCases)
        program.addFaults(&random)
        return program
    }

    /// In every second program something goes wrong.
    private mutating func addFaults(_ random: inout SeededGenerator) {
        guard random.isOne(in: 2) else { return }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            faults[Int.random(in: 0..<12, using: &random)] = random.pick(StoreFault.allCases)
        }
        if random.isOne(in: 2) { crashes = [Int.random(in: 0..<80, using: &random)] }
    }

    /// The same with users alone, one in each request.
    static func users(_ random: inout SeededGenerator) -> Program {
        var program = Program(setup: [], clients: [])
        let maker = StepMaker(users: 2, groups: 0)
        for number in 0..<2 { program.setup.append(.createUser(UserValues(name: "n\(number)"))) }
        program.clients = (0..<Int.random(in: 2...4, using: &random)).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in .single(maker.ofUser(&random)) }
        }
        program.loops = Int.random(in: 1...3, using: &random)
        program.addFaults(&random)
        return program
    }

    /// Several clients who all change the same two resources at once.
    static func crowd(_ random: inout SeededGenerator) -> Program {
        var program = Program(setup: [], clients: [])
        let maker = StepMaker(users: 1, groups: 1)
        program.setup = [
            .createUser(UserValues(name: "n0")),
            .createGroup(GroupValues(name: "t0", members: maker.members(&random, most: 1))),
        ]
        let ofGroup = random.isOne(in: 2)
        program.clients = (0..<Int.random(in: 4...6, using: &random)).map { _ in
            (0..<Int.random(in: 1...2, using: &random)).map { _ in
                .single(ofGroup ? maker.ofGroup(&random) : maker.ofUser(&random))
            }
        }
        program.loops = Int.random(in: 1...3, using: &random)
        program.slices = random.pick(Slices.allCases)
        program.addFaults(&random)
        return program
    }

    /// The same with one client, to whom nothing goes wrong.
    static func sequential(_ random: inout SeededGenerator) -> Program {
        var program = Program.random(&random)
        program.clients = [program.clients.flatMap(\.self)]
        program.faults = [:]
        program.crashes = []
        return program
    }
}

/// Makes random steps over the resources that are there before, and the first few that are created later.
private struct StepMaker {
    let users: Int
    let groups: Int

    func call(_ random: inout SeededGenerator) -> Call {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1:
            .bulk((0..<Int.random(in: 1...3, using: &random)).map { _ in change(&random) }, isAtomic: false)
        case 2:
            .bulk((0..<Int.random(in: 1...3, using: &random)).map { _ in change(&random) }, isAtomic: true)
        case 3: .importing((0..<Int.random(in: 1...2, using: &random)).map { _ in userValues(&random) })
        case 4, 5: .single(Asked(read(&random), isConditional: random.isOne(in: 2)))
        default: .single(change(&random))
        }
    }

    /// A read or a change of a user.
    func ofUser(_ random: inout SeededGenerator) -> Asked<Reference> {
        let step: Step<Reference> =
            switch Int.random(in: 0..<8, using: &random) {
            case 0: .createUser(userValues(&random))
            case 1: .delete(.user, user(&random))
            case 2: .replaceUser(user(&random), userValues(&random))
            case 3: .patchUser(user(&random), name: name(&random), title: nil)
            case 4, 5: .patchUser(user(&random), name: nil, title: title(&random))
            default: .read(.user, user(&random))
            }
        return Asked(step, isConditional: step.id != nil && random.isOne(in: 3))
    }

    /// A change of a group, or the deletion of one who may be in it.
    func ofGroup(_ random: inout SeededGenerator) -> Asked<Reference> {
        let step: Step<Reference> =
            switch Int.random(in: 0..<10, using: &random) {
            case 0: .delete(.user, user(&random))
            case 1: .delete(.group, group(&random))
            case 2, 3: .replaceGroup(group(&random), groupValues(&random))
            case 4: .patchGroup(group(&random), name: groupName(&random), [memberStep(&random)])
            default: .patchGroup(group(&random), name: nil, memberSteps(&random))
            }
        return Asked(step, isConditional: random.isOne(in: 4))
    }

    private func read(_ random: inout SeededGenerator) -> Step<Reference> {
        random.isOne(in: 3) ? .read(.user, user(&random)) : .read(.group, group(&random))
    }

    private func change(_ random: inout SeededGenerator) -> Asked<Reference> {
        let step: Step<Reference> =
            switch Int.random(in: 0..<16, using: &random) {
            case 0: .createUser(userValues(&random))
            case 1: .createGroup(groupValues(&random))
            case 2, 3: .delete(.user, user(&random))
            case 4, 5: .delete(.group, group(&random))
            case 6: .replaceUser(user(&random), userValues(&random))
            case 7: .patchUser(user(&random), name: name(&random), title: nil)
            case 8, 9: .patchUser(user(&random), name: nil, title: title(&random))
            case 10, 11: .replaceGroup(group(&random), groupValues(&random))
            case 12: .patchGroup(group(&random), name: groupName(&random), [memberStep(&random)])
            default: .patchGroup(group(&random), name: nil, memberSteps(&random))
            }
        return Asked(step, isConditional: step.id != nil && random.isOne(in: 4))
    }

    private func memberSteps(_ random: inout SeededGenerator) -> [MemberStep<Reference>] {
        (0..<(random.isOne(in: 4) ? 2 : 1)).map { _ in memberStep(&random) }
    }

    private func memberStep(_ random: inout SeededGenerator) -> MemberStep<Reference> {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .removeAll
        case 1, 2: .replace(members(&random, most: 2))
        case 3, 4: .remove([user(&random)])
        default: .add([user(&random)])
        }
    }

    /// A user; seldom one that is created later, if at all.
    private func user(_ random: inout SeededGenerator) -> Reference {
        .user(Int.random(in: 0..<(random.isOne(in: 5) ? users + 2 : users), using: &random))
    }

    private func group(_ random: inout SeededGenerator) -> Reference {
        .group(Int.random(in: 0..<(random.isOne(in: 6) ? groups + 1 : groups), using: &random))
    }

    func members(_ random: inout SeededGenerator, most: Int) -> [Reference] {
        let count = Int.random(in: 0...most, using: &random)
        return (0..<count).map { _ in user(&random) }.reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    private func userValues(_ random: inout SeededGenerator) -> UserValues {
        UserValues(name: name(&random), title: random.isOne(in: 3) ? nil : title(&random))
    }

    private func groupValues(_ random: inout SeededGenerator) -> GroupValues<Reference> {
        GroupValues(name: groupName(&random), members: members(&random, most: 2))
    }

    private func name(_ random: inout SeededGenerator) -> String {
        "n\(Int.random(in: 0...users + 1, using: &random))"
    }

    private func groupName(_ random: inout SeededGenerator) -> String {
        "t\(Int.random(in: 0...groups, using: &random))"
    }

    private func title(_ random: inout SeededGenerator) -> String { random.pick(["a", "b"]) }
}
