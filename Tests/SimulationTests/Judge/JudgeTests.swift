import Storage
import TestSupport
import Testing

@Suite("The judge of simulated histories")
struct JudgeTests {
    /// A history with nothing wrong: a user, a group, a member, reads.
    private static let clean: @Sendable () -> History = {
        Simulation.run(
            Program(
                setup: [
                    .createUser(UserValues(name: "n0", title: "a")),
                    .createGroup(GroupValues(name: "t0", members: [])),
                ],
                clients: [
                    [
                        .one(.patchGroup(.group(0), name: nil, [.add([.user(0)])])),
                        .one(.patchUser(.user(0), name: nil, title: "b")),
                        .one(.read(.user, .user(0))),
                        .one(.patchGroup(.group(0), name: "t1", [.remove([.user(0)])])),
                    ]
                ]
            ),
            seed: 1
        )
    }

    /// A lie and the claim that it breaks.
    struct Lie: Sendable, CustomStringConvertible {
        let claim: Claim
        let description: String
        let tell: @Sendable (inout History) -> Void

        init(_ claim: Claim, _ description: String, _ tell: @escaping @Sendable (inout History) -> Void) {
            self.claim = claim
            self.description = description
            self.tell = tell
        }
    }

    static let lies = [
        Lie(.answers, "a read shows an old title") {
            $0.exchanges[4].answers[0].shown = .user(name: "n0", title: "a", groups: [:])
        },
        Lie(.answers, "a change that others see was answered 404") {
            $0.exchanges[3].answers = [StepAnswer(fate: .answered(404))]
        },
        Lie(.answers, "a change has the version before it") {
            $0.exchanges[5].answers[0].tag = $0.exchanges[0].answers[0].tag
        },
        Lie(.tags, "a tag names another body") { history in
            let body = history.bodies[0]
            history.bodies.append(TaggedBody(id: body.id, tag: body.tag, text: "{}"))
        },
        Lie(.tags, "two changes have one version") { $0.records[3].new = $0.records[0].new },
        Lie(.rows, "a check finds something") { $0.findings.append("a row too many") },
        Lie(.records, "a record is missing") { $0.records.remove(at: 3) },
        Lie(.records, "a record is there twice") { $0.records.insert($0.records[3], at: 3) },
        Lie(.records, "a record has another status") { $0.records[3].status = 204 },
        Lie(.records, "a record belongs to a read") { history in
            history.records[3].exchange = 4
        },
        Lie(.chains, "an old version is not the one before") { $0.records[3].old = "W/\"1\"" },
        Lie(.chains, "the last record's version is not the resource's") { history in
            history.records[4].new = "W/\"1\""
        },
        Lie(.members, "a record adds another member") { $0.records[2].added = ["somebody"] },
        Lie(.members, "a removal is not told") { $0.records[4].removed = [] },
        Lie(.progress, "a client has no answer") { $0.stop = "nothing is left to do" },
        Lie(.progress, "a client is refused without a reason") { history in
            history.exchanges[4].answers = [StepAnswer(fate: .nothing(503))]
        },
    ]

    @Test("A history with nothing wrong breaks no claim")
    func nothingWrong() async {
        let history = await onOwnThread(Self.clean)
        let judge = Judge.judge(history)
        #expect(judge.violations == [], "\(history.text)")
        #expect(judge.isDecided)
        #expect(history.records.count == 7)
    }

    @Test("Every lie about it breaks the claim that it is about", arguments: lies)
    func lie(_ lie: Lie) async {
        var history = await onOwnThread(Self.clean)
        lie.tell(&history)
        let broken = Judge.judge(history).violations.map(\.claim)
        #expect(broken.contains(lie.claim), "\(broken)")
    }
}
