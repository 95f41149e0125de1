"""Tables as they are run: what they may take, copies elsewhere, backups and exports, and one that was there before."""

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_kinesis import Stream
from aws_cdk.aws_s3 import Bucket
from constructs import Construct

from gateleg.cdk import (
    Autoscaled,
    KinesisStream,
    ModelTable,
    OnDemand,
    Provisioned,
    Replication,
    S3Import,
    TableBackups,
    TableExport,
)
from gateleg.model import DESCENDING, Attr, Entity, Index, LocalIndex, StreamView, Table, access, attr, index_key, key

GAMES = Table(
    "games",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[
        Index("by_round", partition_key=("tenant", "region"), sort_key=("stage", "bracket")),
        Index("by_points", partition_key="points_of", sort_key="points", sharded=8),
        LocalIndex("by_score", sort_key="score"),
    ],
)
ARCHIVE = Table("archive", partition_key="pk", sort_key="sk")


class Game(Entity, table=GAMES):
    """A game of a tournament."""

    tenant: Attr[str]
    region: Attr[str]
    game_id: Attr[str]
    stage: Attr[int]
    bracket: Attr[str]
    score: Attr[int] = attr(default=0)

    key = key("TENANT#{tenant}", "GAME#{game_id}")

    @access(index="by_round")
    def played(*, tenant: str, region: str, stage: int | None = None, bracket: str | None = None) -> None:
        """Find the games of a tenant in a region, of a stage, or of a bracket of it."""

    @access(index="by_score")
    def scored(*, tenant: str, since: int | None = None) -> None:
        """Find the games of a tenant by their score; `.consistent()` sees every write."""


class Player(Entity, table=GAMES):
    """What a player has in a tournament: all of them are in one order, which one partition could not take."""

    tenant: Attr[str]
    player_id: Attr[str]
    points: Attr[int] = attr(ge=0)

    key = key("TENANT#{tenant}", "PLAYER#{player_id}")
    points_key = index_key("by_points", "TENANT#{tenant}")

    @access(index="by_points", sort=DESCENDING)
    def leaders(*, tenant: str, since: int | None = None) -> None:
        """Find the players of a tenant, those with the most points first."""


class GamesStack(Stack):
    """Two tables with all that guards them, and one that somebody else made."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: object) -> None:
        super().__init__(scope, construct_id, **kwargs)  # type: ignore[arg-type]
        self.games = ModelTable(
            self,
            "Games",
            table=GAMES,
            preset="production",
            billing=OnDemand(max_reads=4_000, max_writes=1_000, indexes={"by_round": OnDemand(max_reads=500)}),
            contributor_insights="THROTTLED_KEYS",
            kinesis=KinesisStream(Stream(self, "Changes")),
            tags={"team": "games"},
            replication=Replication(["eu-central-1"]),
        )
        bucket = Bucket(self, "Exports", enforce_ssl=True)
        self.archive = ModelTable(
            self,
            "Archive",
            table=ARCHIVE,
            resource_type="AWS::DynamoDB::Table",
            billing=Provisioned(5, Autoscaled(5, 50)),
            table_class="STANDARD_INFREQUENT_ACCESS",
            import_from=S3Import(bucket, "archive/", compression="GZIP"),
        )
        TableExport(self, "Hourly", table=self.games, bucket=bucket, prefix="games", every=Duration.hours(1), incremental=True)
        TableBackups(self, "Backups", tables=[self.games, self.archive])
        self.legacy = ModelTable.from_name(self, "Legacy", table=Table("legacy", partition_key="id"), name="legacy-2019")


if __name__ == "__main__":
    app = App()
    GamesStack(app, "Games", env=Environment(account="111122223333", region="eu-west-1"))
    app.synth()
