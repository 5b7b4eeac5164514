import TestSupport
import Testing

@Suite("Orders that explain simulated histories")
struct LinearizationTests {
    private static let retitle = Step<String>.patchUser("u", name: nil, title: "b")

    /// A user with title a, and what clients then did: each at its moments of request and answer.
    private func verdict(
        _ exchanges: [(begin: Int, end: Int, Exchange.Form, [(Step<String>, StepAnswer)])]
    ) -> Linearization.Verdict {
        var history = History(seed: 0, program: Program(setup: [], clients: []))
        let creation = (
            0, 1, Exchange.Form.single,
            [
                (
                    Step<String>.createUser(UserValues(name: "n", title: "a")),
                    StepAnswer(fate: .answered(201), id: "u")
                )
            ]
        )
        for (begin, end, form, steps) in [creation] + exchanges {
            let number = history.exchanges.count
            history.exchanges.append(
                Exchange(
                    number: number,
                    client: number,
                    form: form,
                    steps: steps.map { Sent(step: $0.0, tag: nil) },
                    begin: begin,
                    end: end,
                    answers: steps.map(\.1)
                )
            )
        }
        return Linearization.judge(history, usesRecords: false)
    }

    private func read(_ title: String) -> [(Step<String>, StepAnswer)] {
        [
            (
                .read(.user, "u"),
                StepAnswer(fate: .answered(200), id: "u", shown: .user(name: "n", title: title, groups: [:]))
            )
        ]
    }

    private func change(_ status: Int) -> [(Step<String>, StepAnswer)] {
        [(Self.retitle, StepAnswer(fate: StepAnswer.fate(status), id: "u"))]
    }

    @Test("A read beside a change sees either state", arguments: ["a", "b"])
    func beside(title: String) {
        #expect(verdict([(2, 5, .single, change(200)), (3, 4, .single, read(title))]) == .found)
    }

    @Test("A read after the answer sees the change, one before the request does not")
    func realTime() {
        #expect(verdict([(2, 3, .single, change(200)), (4, 5, .single, read("b"))]) == .found)
        #expect(verdict([(2, 3, .single, change(200)), (4, 5, .single, read("a"))]) != .found)
        #expect(verdict([(4, 5, .single, change(200)), (2, 3, .single, read("b"))]) != .found)
    }

    @Test("What has an unknown outcome happened or did not, and what was refused did not")
    func unknown() {
        #expect(verdict([(2, 3, .single, change(500)), (4, 5, .single, read("b"))]) == .found)
        #expect(verdict([(2, 3, .single, change(500)), (4, 5, .single, read("a"))]) == .found)
        #expect(
            verdict([
                (2, 3, .single, change(500)), (4, 5, .single, read("b")), (6, 7, .single, read("a")),
            ]) != .found
        )
        #expect(verdict([(2, 3, .single, change(503)), (4, 5, .single, read("b"))]) != .found)
    }

    @Test("Somebody may come between two steps of a bulk request, but not between those that happen together")
    func together() {
        let back = (
            Step<String>.patchUser("u", name: nil, title: "a"), StepAnswer(fate: .answered(200), id: "u")
        )
        let reading = (3, 4, Exchange.Form.single, read("b"))
        #expect(verdict([(2, 5, .bulk, change(200) + [back]), reading]) == .found)
        #expect(verdict([(2, 5, .atomic, change(200) + [back]), reading]) != .found)
    }
}
