import Directory
import HTTP
import Storage
import TestSupport
import Testing

@Suite("The changes of one resource that come at once")
struct ResourceActorTests {
    @Test("Order, gathering: while one is committed the others wait, then share one commit in their order")
    func gathering() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let numbers = (0..<6).map { bench.retitle(user, "\($0)") }
            #expect(bench.store.heldCount == 1)
            #expect(numbers.allSatisfy { bench.answer($0) == nil })
            bench.release()
            #expect(bench.status(numbers[0]) == 200)
            #expect(numbers.dropFirst().allSatisfy { bench.answer($0) == nil })
            #expect(bench.store.heldCount == 1)
            bench.letGo()
            #expect(numbers.allSatisfy { bench.status($0) == 200 })
            #expect(bench.store.commits == [1, 5])
            #expect(Set(numbers.compactMap(bench.tag)).count == 6)
            for (place, number) in numbers.enumerated() {
                #expect((try? bench.answer(number)?.text("title")) == "\(place)")
            }
        }
    }

    @Test("A change that meets no other is committed alone, and nothing of it stays in memory")
    func memory() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let number = bench.retitle(user, "a")
            #expect(bench.service.registry.activeCount == 1)
            bench.letGo()
            #expect(bench.status(number) == 200)
            #expect(bench.service.registry.activeCount == 0)
        }
    }

    @Test("Nobody is answered from what is not durable: if the commit fails, each change is judged anew")
    func failure() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let first = bench.retitle(user, "a")
            let deletion = bench.send(.delete, "/Users/\(user)")
            let behind = bench.retitle(user, "b")
            let same = bench.retitle(user, "a")
            bench.release()
            #expect(bench.status(first) == 200)
            // Computed behind the deletion, the PATCH finds nobody; it is not told so before the deletion is durable.
            #expect([deletion, behind, same].allSatisfy { bench.answer($0) == nil })
            bench.release(failing: .full)
            bench.letGo()
            #expect(bench.status(deletion) == 204)
            #expect(bench.status(behind) == 404)
            #expect(bench.status(same) == 404)
        }
    }

    @Test("The answer of a change that shares its commit with the deletion shows the groups of that moment")
    func groupsBesideDeletion() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.send(.post, "/Groups", #"{"displayName":"Staff","members":[{"value":"\#(user)"}]}"#)
            bench.store.hold()
            let first = bench.retitle(user, "a")
            let second = bench.retitle(user, "b")
            let deletion = bench.send(.delete, "/Users/\(user)")
            bench.letGo()
            #expect(bench.status(deletion) == 204)
            for number in [first, second] {
                #expect(bench.answer(number)?.texts("groups", "display") == ["Staff"])
            }
        }
    }

    @Test("What finds nothing to change behind a change that fails is computed anew")
    func nothingToChange() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let first = bench.retitle(user, "a")
            let second = bench.retitle(user, "b")
            let same = bench.retitle(user, "b")
            bench.release()
            bench.release(failing: .outcomeUnknown)
            bench.letGo()
            #expect(bench.status(first) == 200)
            #expect(bench.status(second) == 500)
            #expect(bench.status(same) == 500)
        }
    }

    @Test("Conflict: a second writer beside the actor makes all be computed anew, and no change is lost")
    func secondWriter() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let first = bench.retitle(user, "a")
            let numbers = (0..<3).map { bench.retitle(user, "\($0)") }
            let bulk = bench.send(
                .post,
                "/Bulk",
                #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"PATCH","#
                    + #""path":"/Users/\#(user)","data":{"schemas":["#
                    + #""urn:ietf:params:scim:api:messages:2.0:PatchOp"],"#
                    + #""Operations":[{"op":"replace","path":"nickName","value":"Annie"}]}}]}"#
            )
            bench.letGo()
            let all = [first, bulk] + numbers
            #expect(all.allSatisfy { bench.status($0) == 200 })
            let read = bench.send(.get, "/Users/\(user)")
            #expect((try? bench.answer(read)?.text("nickName")) == "Annie")
            #expect((try? bench.answer(read)?.text("title")) == "2")
            let trail = (try? bench.service.log()) ?? []
            #expect(trail.count == 4 + 5)
        }
    }

    @Test(
        "Bounds: so many changes wait for one resource, and the next is refused as busy",
        arguments: [1, 2]
    )
    func bounds(loops: Int) async {
        await onOwnThread {
            let bench = ActorBench(loops: loops)
            let user = bench.createUser("ann")
            bench.store.hold()
            let first = bench.retitle(user, "first")
            let numbers = (0..<ResourceActor.waitingMax).map { bench.retitle(user, "\($0)", on: $0 % loops) }
            let refused = bench.retitle(user, "late")
            #expect(bench.status(refused) == 503)
            #expect(numbers.allSatisfy { bench.answer($0) == nil })
            bench.letGo()
            #expect(bench.status(first) == 200)
            #expect(numbers.allSatisfy { bench.status($0) == 200 })
            #expect(bench.store.commits.max() == ResourceActor.gatheredMax)
            #expect(bench.service.registry.activeCount == 0)
        }
    }

    @Test("Bounds: what waits for one resource takes so many bytes, and the next is refused as busy")
    func bytes() async {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            bench.store.hold()
            let first = bench.retitle(user, "first")
            let text = String(repeating: "x", count: 500_000)
            let numbers = (0..<40).map {
                bench.send(.put, "/Users/\(user)", #"{"userName":"ann","ignored\#($0)":"\#(text)"}"#)
            }
            let refused = numbers.count { bench.status($0) == 503 }
            #expect(refused == 40 - ResourceActor.waitingBytesMax / 500_028)
            bench.letGo()
            #expect(bench.status(first) == 200)
            #expect(numbers.count { bench.status($0) == 200 } == 40 - refused)
        }
    }

    @Test("A condition on what is under way is judged when it is durable", arguments: [true, false])
    func condition(holds: Bool) async throws {
        await onOwnThread {
            let bench = ActorBench()
            let user = bench.createUser("ann")
            let tag = bench.tag(bench.send(.get, "/Users/\(user)")) ?? ""
            bench.store.hold()
            let first = bench.retitle(user, "a", fields: [(.ifMatch, tag)])
            let second = bench.retitle(user, "b", fields: [(.ifMatch, holds ? "*" : tag)])
            bench.letGo()
            #expect(bench.status(first) == 200)
            #expect(bench.status(second) == (holds ? 200 : 412))
        }
    }
}
