import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.IOException;
import java.util.List;

/**
 * A MongoDB server in memory, on a free port of the loopback address, for tests. It
 * prints its URL once it listens, and ends when its standard input does: so it never
 * outlives whoever started it, however that ends.
 */
class Server {
    /**
     * What it says it is. The library's newest version of its own has wire version 8;
     * the Go driver talks to nothing below 9, which is MongoDB 4.4.
     */
    private static final MongoVersion VERSION = new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    };

    public static void main(String[] args) throws IOException {
        MongoServer server = new MongoServer(new MemoryBackend().version(VERSION));
        server.bind("127.0.0.1", 0);
        System.out.println(server.getConnectionString());
        while (System.in.read() >= 0) {
            // Nothing is said to it but the end.
        }
        server.shutdownNow();
    }
}
