import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What the C# function of the measure callback-spark does with a batch, within the JVM. */
public final class DropBatch implements VoidFunction2<Dataset<Row>, Long> {
    @Override
    public void call(Dataset<Row> batch, Long number) {
        batch.write().format("noop").mode("append").save("nowhere");
    }
}
