import Testing

@testable import Reactor

@Suite("Processors that the process may use")
struct ProcessorShareTests {
    @Test(
        "the time of a control group counts as whole processors, rounded up",
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("150000 100000\n", 2), ("1000 100000\n", 1),
            ("800000 100000\n", 8), ("", nil), ("0 100000\n", nil), ("-1 100000\n", nil), ("100000\n", nil),
            ("100000 0\n", nil),
        ] as [(String, Int?)]
    )
    func cpuMax(text: String, expected: Int?) {
        #expect(ProcessorShare.processors(cpuMax: text) == expected)
    }

    @Test("the tightest of all control groups above the process counts")
    func hierarchy() {
        func quota(_ files: [String: String]) -> Int? { ProcessorShare.quota { files[$0] } }
        let slice = [
            "/proc/self/cgroup": "1:name=systemd:/x\n0::/a.slice/b.service\n",
            "/sys/fs/cgroup/a.slice/cpu.max": "200000 100000\n",
            "/sys/fs/cgroup/a.slice/b.service/cpu.max": "400000 100000\n",
        ]
        #expect(quota(slice) == 2)
        #expect(quota(slice.merging(["/sys/fs/cgroup/cpu.max": "50000 100000"]) { $1 }) == 1)
        #expect(quota(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "300000 100000\n"]) == 3)
        #expect(quota(["/proc/self/cgroup": "0::/a\n"]) == nil)
        #expect(quota(["/proc/self/cgroup": "4:cpu:/a\n", "/sys/fs/cgroup/cpu.max": "1 1"]) == nil)
        #expect(quota([:]) == nil)
    }

    @Test("a process of its own set of processors has so many threads")
    func affinity() {
        #expect(ProcessorShare.threadCount >= 1)
        #expect(ProcessorShare.threadCount <= Host.processorCount)
    }
}
