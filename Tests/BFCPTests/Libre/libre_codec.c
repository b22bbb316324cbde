/* Says how libre (the BFCP of baresip) reads messages, and writes some with it.
 *
 *   libre_codec decode   reads a message in hexadecimal from each line, writes what libre sees in it
 *   libre_codec encode   writes messages in hexadecimal, each followed by what libre sees in it
 *
 * Build: cc -DHAVE_INET6 -o libre_codec libre_codec.c -lre
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <re/re.h>

static bool show(const struct bfcp_attr *attr, void *arg);

static bool show(const struct bfcp_attr *attr, void *arg)
{
	size_t i;
	(void)arg;
	printf(" (%d%s", attr->type, attr->mand ? "!" : "");
	switch (attr->type) {
	case BFCP_BENEFICIARY_ID: case BFCP_FLOOR_ID: case BFCP_FLOOR_REQUEST_ID:
	case BFCP_BENEFICIARY_INFO: case BFCP_FLOOR_REQ_INFO: case BFCP_REQUESTED_BY_INFO:
	case BFCP_FLOOR_REQ_STATUS: case BFCP_OVERALL_REQ_STATUS:
		printf(" %u", attr->v.u16);
		break;
	case BFCP_PRIORITY:
		printf(" %d", attr->v.priority);
		break;
	case BFCP_REQUEST_STATUS:
		printf(" %d %u", attr->v.reqstatus.status, attr->v.reqstatus.qpos);
		break;
	case BFCP_ERROR_CODE:
		printf(" %d", attr->v.errcode.code);
		for (i = 0; i < attr->v.errcode.len; i++)
			printf(" %u", attr->v.errcode.details[i]);
		break;
	case BFCP_ERROR_INFO: case BFCP_PART_PROV_INFO: case BFCP_STATUS_INFO:
	case BFCP_USER_DISP_NAME: case BFCP_USER_URI:
		printf(" %s", attr->v.str);
		break;
	case BFCP_SUPPORTED_ATTRS:
		for (i = 0; i < attr->v.supattr.attrc; i++)
			printf(" %d", attr->v.supattr.attrv[i]);
		break;
	case BFCP_SUPPORTED_PRIMS:
		for (i = 0; i < attr->v.supprim.primc; i++)
			printf(" %d", attr->v.supprim.primv[i]);
		break;
	default:
		break;
	}
	bfcp_attr_subattr_apply(attr, show, NULL);
	printf(")");
	return false;
}

static void decode(struct mbuf *mb)
{
	struct bfcp_msg *msg = NULL;
	int err = bfcp_msg_decode(&msg, mb);
	if (err) {
		printf("error\n");
		return;
	}
	printf("%u %u %d %u %u %u", msg->ver, msg->r, msg->prim, msg->confid, msg->tid, msg->userid);
	bfcp_msg_attr_apply(msg, show, NULL);
	printf("\n");
	mem_deref(msg);
}

static int info(struct mbuf *mb, void *arg)
{
	struct bfcp_reqstatus granted = {BFCP_GRANTED, 0}, accepted = {BFCP_ACCEPTED, 3};
	(void)arg;
	return bfcp_attrs_encode(mb, 5,
		BFCP_PRIORITY, 0, &(enum bfcp_priority){BFCP_PRIO_HIGH},
		BFCP_PART_PROV_INFO, 0, "the budget",
		BFCP_STATUS_INFO, 0, "ok",
		BFCP_REQUEST_STATUS, 0, &granted,
		BFCP_REQUEST_STATUS, 0, &accepted);
}

static void emit(struct mbuf *mb)
{
	size_t i;
	for (i = 0; i < mb->end; i++)
		printf("%02x", mb->buf[i]);
	printf("\n");
	mb->pos = 0;
	decode(mb);
	mbuf_reset(mb);
}

static int encode(void)
{
	struct mbuf *mb = mbuf_alloc(512);
	enum bfcp_attrib attrs[] = {BFCP_FLOOR_ID, BFCP_USER_URI, BFCP_OVERALL_REQ_STATUS};
	enum bfcp_prim prims[] = {BFCP_FLOOR_REQUEST, BFCP_HELLO, BFCP_GOODBYE_ACK};
	struct bfcp_supattr supattr = {attrs, 3};
	struct bfcp_supprim supprim = {prims, 3};
	uint8_t details[] = {100, 104};
	struct bfcp_errcode error = {BFCP_UNKNOWN_MAND_ATTR, details, 2};
	uint16_t one = 1, two = 2, big = 65535;
	struct bfcp_reqstatus granted = {BFCP_GRANTED, 0};
	uint8_t ver;
	int err = 0;

	for (ver = 1; ver <= 2; ver++) {
		bool r = ver == 2;
		err |= bfcp_msg_encode(mb, ver, false, BFCP_FLOOR_REQUEST, 0xffffffff, 7, 3, 4,
			BFCP_FLOOR_ID, 0, &one, BFCP_BENEFICIARY_ID | BFCP_MANDATORY, 0, &big,
			BFCP_PART_PROV_INFO, 0, "a", BFCP_PRIORITY, 0, &(enum bfcp_priority){BFCP_PRIO_HIGHEST});
		emit(mb);
		err |= bfcp_msg_encode(mb, ver, r, BFCP_FLOOR_REQUEST_STATUS, 1, 7, 3, 1,
			BFCP_FLOOR_REQ_INFO, 4, &two,
			BFCP_OVERALL_REQ_STATUS, 2, &two, BFCP_REQUEST_STATUS, 0, &granted, BFCP_STATUS_INFO, 0, "granted",
			BFCP_FLOOR_REQ_STATUS, 1, &one, BFCP_REQUEST_STATUS, 0, &granted,
			BFCP_BENEFICIARY_INFO, 2, &big, BFCP_USER_DISP_NAME, 0, "So Noi vu", BFCP_USER_URI, 0, "sip:so1@x",
			BFCP_REQUESTED_BY_INFO, 0, &one);
		emit(mb);
		err |= bfcp_msg_encode(mb, ver, r, BFCP_HELLO_ACK, 1, 7, 3, 2,
			BFCP_SUPPORTED_PRIMS, 0, &supprim, BFCP_SUPPORTED_ATTRS, 0, &supattr);
		emit(mb);
		err |= bfcp_msg_encode(mb, ver, r, BFCP_ERROR, 1, 7, 3, 2,
			BFCP_ERROR_CODE, 0, &error, BFCP_ERROR_INFO, 0, "unknown");
		emit(mb);
		err |= bfcp_msg_encode(mb, ver, false, BFCP_FLOOR_STATUS, 1, 7, 3, 2,
			BFCP_FLOOR_ID, 0, &one, BFCP_ENCODE_HANDLER, 0, &(struct bfcp_encode){info, NULL});
		emit(mb);
		err |= bfcp_msg_encode(mb, ver, r, BFCP_GOODBYE_ACK, 1, 7, 3, 0);
		emit(mb);
	}
	mem_deref(mb);
	return err;
}

int main(int argc, char *argv[])
{
	static char line[200000];
	if (argc == 2 && !strcmp(argv[1], "encode"))
		return encode();
	while (fgets(line, sizeof(line), stdin)) {
		struct mbuf *mb = mbuf_alloc(1024);
		size_t length = strcspn(line, "\n"), i;
		for (i = 0; i + 1 < length; i += 2) {
			unsigned octet = 0;
			sscanf(line + i, "%2x", &octet);
			mbuf_write_u8(mb, (uint8_t)octet);
		}
		mb->pos = 0;
		decode(mb);
		mem_deref(mb);
	}
	return 0;
}
