// Buffers without structure: one value throughout, a counter, random bytes, or text.
#include <linux/random.h>

static int $fn_once(unsigned long i)
{
	char *buffer;

#if $filling == 0
	buffer = kmalloc($size, $gfp);
	if (buffer)
		memset(buffer, $byte, $size);
#elif $filling == 1
	buffer = kmalloc($size, $gfp);
	if (buffer)
		get_random_bytes(buffer, $size);
#elif $filling == 2
	char text[80];

	snprintf(text, sizeof(text), "$text", (u32)i);
	buffer = kstrdup(text, $gfp);
#else
	u32 *word = kmalloc($size, $gfp), n;

	buffer = (char *)word;
	for (n = 0; word && n < $size / 4; n++)
		word[n] = n * 3 + i;
#endif
	if (!buffer)
		return -ENOMEM;
	$fn_note(buffer, 1);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
