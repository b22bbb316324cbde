/* A floor participant over UDP, made of libre (the BFCP of baresip): asks for the slides, asks again when they are taken
 * from it, and gives them back. Writes a line for each thing that it hears.
 *
 *   libre_floor SERVER PORT CONFERENCE USER
 *
 * Build: cc -DHAVE_INET6 -o libre_floor libre_floor.c -lre
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <re/re.h>

static struct bfcp_conn *conn;
static struct sa server;
static uint32_t conference;
static uint16_t user, floor_id = 1, request_id;
static struct tmr end;

static void answered(int err, const struct bfcp_msg *msg, void *arg);

static void stop(void *arg)
{
	(void)arg;
	re_cancel();
}

static void ask(enum bfcp_prim prim, enum bfcp_attrib attr, const uint16_t *value)
{
	int err;
	if (value)
		err = bfcp_request(conn, &server, BFCP_VER2, prim, conference, user, answered, NULL, 1, attr, 0, value);
	else
		err = bfcp_request(conn, &server, BFCP_VER2, prim, conference, user, answered, NULL, 0);
	if (err) {
		printf("cannot send: %d\n", err);
		re_cancel();
	}
}

/* The status of the first request that a message tells of, and whose it is; 0 for none. */
static int status(const struct bfcp_msg *msg, unsigned *whose)
{
	const struct bfcp_attr *info = bfcp_msg_attr(msg, BFCP_FLOOR_REQ_INFO);
	const struct bfcp_attr *overall = bfcp_attr_subattr(info, BFCP_OVERALL_REQ_STATUS);
	const struct bfcp_attr *value = bfcp_attr_subattr(overall, BFCP_REQUEST_STATUS);
	const struct bfcp_attr *beneficiary = bfcp_attr_subattr(info, BFCP_BENEFICIARY_INFO);
	*whose = beneficiary ? beneficiary->v.u16 : 0;
	if (info && *whose == user)
		request_id = info->v.floorreqid;
	return value ? (int)value->v.reqstatus.status : 0;
}

static void show(const char *what, const struct bfcp_msg *msg)
{
	unsigned whose;
	int value = status(msg, &whose);
	printf("%s %s", what, bfcp_prim_name(msg->prim));
	if (value)
		printf(" %s %s", bfcp_reqstatus_name(value), whose == user ? "own" : "other");
	printf("\n");
	fflush(stdout);
}

static void answered(int err, const struct bfcp_msg *msg, void *arg)
{
	static int granted;
	unsigned whose;
	(void)arg;
	if (err) {
		printf("no answer: %d\n", err);
		re_cancel();
		return;
	}
	show("answer", msg);
	switch (msg->prim) {
	case BFCP_HELLO_ACK:
		ask(BFCP_FLOOR_QUERY, BFCP_FLOOR_ID, &floor_id);
		break;
	case BFCP_FLOOR_STATUS:
		ask(BFCP_FLOOR_REQUEST, BFCP_FLOOR_ID, &floor_id);
		break;
	case BFCP_FLOOR_REQUEST_STATUS:
		if (status(msg, &whose) == BFCP_RELEASED)
			ask(BFCP_GOODBYE, 0, NULL);
		else if (status(msg, &whose) == BFCP_GRANTED && ++granted == 2)
			ask(BFCP_FLOOR_RELEASE, BFCP_FLOOR_REQUEST_ID, &request_id);
		break;
	default:
		re_cancel();
	}
}

static void received(const struct bfcp_msg *msg, void *arg)
{
	static uint16_t revoked;
	unsigned whose;
	(void)arg;
	show("notice", msg);
	bfcp_reply(conn, msg, msg->prim == BFCP_FLOOR_STATUS ? BFCP_FLOOR_STATUS_ACK : BFCP_FLOOR_REQ_STATUS_ACK, 0);
	/* The server may repeat itself: one answer to one revocation. */
	if (msg->prim == BFCP_FLOOR_REQUEST_STATUS && status(msg, &whose) == BFCP_REVOKED && request_id != revoked) {
		revoked = request_id;
		ask(BFCP_FLOOR_REQUEST, BFCP_FLOOR_ID, &floor_id);
	}
}

int main(int argc, char *argv[])
{
	struct sa local;
	if (argc != 5 || libre_init())
		return 2;
	conference = (uint32_t)strtoul(argv[3], NULL, 10);
	user = (uint16_t)strtoul(argv[4], NULL, 10);
	if (sa_set_str(&server, argv[1], (uint16_t)strtoul(argv[2], NULL, 10)) || sa_set_str(&local, "127.0.0.1", 0)
		|| bfcp_listen(&conn, BFCP_UDP, &local, NULL, received, NULL))
		return 2;
	tmr_init(&end);
	tmr_start(&end, 20000, stop, NULL);
	ask(BFCP_HELLO, 0, NULL);
	re_main(NULL);
	tmr_cancel(&end);
	mem_deref(conn);
	libre_close();
	return 0;
}
